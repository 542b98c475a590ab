import { createClient } from '@wan-image/core';
import { makeImages } from './make-images.js';

const worker = {
  async fetch(_request, { UPSTREAM }) {
    return Response.json(await makeImages(createClient({ baseUrl: UPSTREAM, apiKey: 'any' })));
  },
};

// oxlint-disable-next-line import/no-default-export -- workerd accepts no other
export default worker;
