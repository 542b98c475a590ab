import { MODELS } from '@wan-image/core';

/** The vendor sends this constant as the date of every model. */
const CREATED = 1626777600;

export const MODEL_LIST = {
  object: 'list',
  data: MODELS.map((id) => ({
    id,
    object: 'model',
    created: CREATED,
    owned_by: 'ali',
    supported_endpoint_types: ['image-generation'],
  })),
};
