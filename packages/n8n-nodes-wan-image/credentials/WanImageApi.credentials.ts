import type { IAuthenticate, Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class WanImageApi implements ICredentialType {
  name = 'wanImageApi';

  displayName = 'Wan Image API';

  icon: Icon = { light: 'file:../icons/wan-image.svg', dark: 'file:../icons/wan-image.dark.svg' };

  documentationUrl =
    'https://github.com/wan-image/wan-image/blob/main/packages/n8n-nodes-wan-image/README.md#credentials';

  properties: INodeProperties[] = [
    {
      displayName: 'Base URL',
      name: 'baseUrl',
      type: 'string',
      default: 'https://www.anyfast.com.cn',
      required: true,
      placeholder: 'e.g. http://history.internal:3000',
      description: 'URL of the API: AnyFast, a history service or the simulator. With or without /v1 at the end.',
    },
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description:
        'API key of that service. The simulator, and a history service without an admin key, accept any key.',
    },
    {
      displayName: 'Image Hosts',
      name: 'imageHosts',
      type: 'string',
      default: '',
      placeholder: 'e.g. images.internal:9000',
      description:
        'Hosts in a private network from which the node may download images, separated by commas. Only needed if the service has its images on another private host than the Base URL.',
    },
  ];

  /** Not declarative: n8n cannot evaluate its expression in workflows with the binary mode `combined`. */
  authenticate: IAuthenticate = async ({ apiKey }, request) => ({
    ...request,
    headers: { ...request.headers, Authorization: `Bearer ${(apiKey as string).trim()}` },
  });
}
