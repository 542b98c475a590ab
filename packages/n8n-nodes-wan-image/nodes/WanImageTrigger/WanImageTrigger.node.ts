import { NodeConnectionTypes } from 'n8n-workflow';
import type {
  IHookFunctions,
  INodeType,
  INodeTypeDescription,
  IWebhookFunctions,
  IWebhookResponseData,
} from 'n8n-workflow';
import { triggerFields } from './fields.ts';
import { receiveEvent } from './receive-event.ts';
import { isRegistered, register, unregister } from './registration.ts';

export class WanImageTrigger implements INodeType {
  description: INodeTypeDescription = {
    displayName: 'Wan Image Trigger',
    name: 'wanImageTrigger',
    icon: { light: 'file:../../icons/wan-image.svg', dark: 'file:../../icons/wan-image.dark.svg' },
    group: ['trigger'],
    version: [1],
    subtitle: '={{ $parameter["events"].join(", ") }}',
    description: 'Starts the workflow when a history service has a new image, or a generation fails',
    defaults: { name: 'Wan Image Trigger' },
    inputs: [],
    outputs: [NodeConnectionTypes.Main],
    // The test is a method of the other node, which n8n asks because the manifest lists it first.
    credentials: [{ name: 'wanImageApi', required: true, testedBy: 'wanImageApiTest' }],
    webhooks: [
      { name: 'default', httpMethod: 'POST', responseMode: 'onReceived', responseData: 'noData', path: 'webhook' },
    ],
    eventTriggerDescription: 'Generate an image with the history service of the credential',
    activationMessage: 'The history service now starts this workflow for each event.',
    properties: triggerFields,
  };

  webhookMethods = {
    default: {
      async checkExists(this: IHookFunctions): Promise<boolean> {
        return isRegistered(this);
      },
      async create(this: IHookFunctions): Promise<boolean> {
        return register(this);
      },
      async delete(this: IHookFunctions): Promise<boolean> {
        return unregister(this);
      },
    },
  };

  async webhook(this: IWebhookFunctions): Promise<IWebhookResponseData> {
    return receiveEvent(this);
  }
}
