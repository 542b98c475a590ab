import type { WebhookEventType } from '@wan-image/core/portable';
import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

type EventOption = INodePropertyOptions & { readonly value: WebhookEventType };

const EVENTS: EventOption[] = [
  {
    name: 'Generation Canceled',
    value: 'generation.canceled',
    description: 'A generation was canceled before it had images',
  },
  {
    name: 'Generation Failed',
    value: 'generation.failed',
    description: 'A generation failed; its outcome says whether it may have been billed',
  },
  {
    name: 'Generation Resolved',
    value: 'generation.resolved',
    description: 'An unknown outcome was settled, or the end of an interrupted generation was replaced by the true one',
  },
  {
    name: 'Generation Succeeded',
    value: 'generation.succeeded',
    description: 'A generation ended with images',
  },
  {
    name: 'Image Lost',
    value: 'image.lost',
    description: 'An image was generated, but the service could not store it',
  },
];

export const triggerFields: INodeProperties[] = [
  {
    displayName:
      'This trigger needs a <a href="https://github.com/wan-image/wan-image#readme" target="_blank">history service</a> that can reach this n8n, and an API key with the scope <code>manage</code>',
    name: 'serviceNotice',
    type: 'notice',
    default: '',
  },
  {
    displayName: 'Events',
    name: 'events',
    type: 'multiOptions',
    options: EVENTS,
    default: ['generation.succeeded'],
    required: true,
    description: 'What starts the workflow: one execution for each event',
  },
  {
    displayName: 'Filters',
    name: 'filters',
    type: 'collection',
    placeholder: 'Add Filter',
    default: {},
    description: 'Only generations to which all of these apply start the workflow',
    options: [
      {
        displayName: 'Models',
        name: 'models',
        type: 'string',
        default: '',
        placeholder: 'e.g. wan2.7-image-pro',
        description: 'IDs of models, separated by commas: only generations of one of them',
      },
      {
        displayName: 'Tags',
        name: 'tags',
        type: 'string',
        default: '',
        placeholder: 'e.g. shop, spring',
        description:
          'Tags, separated by commas: only generations that have all of them. An event has the tags of the moment in which it is sent for the first time.',
      },
    ],
  },
  {
    displayName: 'Simplify',
    name: 'simplify',
    type: 'boolean',
    default: true,
    description: 'Whether to return a simplified version of the response instead of the raw data',
  },
];
