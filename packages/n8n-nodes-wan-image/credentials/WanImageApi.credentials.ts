import type { IAuthenticate, Icon, ICredentialTestRequest, ICredentialType, INodeProperties } from 'n8n-workflow';

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
  ];

  /** Not declarative: n8n cannot evaluate its expression in workflows with the binary mode `combined`. */
  authenticate: IAuthenticate = async ({ apiKey }, request) => ({
    ...request,
    headers: { ...request.headers, Authorization: `Bearer ${(apiKey as string).trim()}` },
  });

  test: ICredentialTestRequest = {
    request: {
      // Normalized as the client does it, so that a URL that passes the test works in the node.
      baseURL: '={{ $credentials.baseUrl.trim().replace(/\\/+$/, "").replace(/\\/v1$/, "") }}',
      url: '/v1/models',
      timeout: 20_000,
    },
    // n8n evaluates each rule separately, but its type allows only rules of one kind.
    rules: [
      {
        type: 'responseCode',
        properties: {
          value: 401,
          message: 'The service rejected this API key (401). Check the key and the Base URL.',
        },
      },
      {
        type: 'responseCode',
        properties: { value: 403, message: 'This API key may not use the service (403). Check its permissions.' },
      },
      {
        type: 'responseCode',
        properties: {
          value: 404,
          message: 'No Wan image API found at this Base URL (404). Enter the part of the URL before /v1.',
        },
      },
      {
        type: 'responseSuccessBody',
        // n8n compares strictly, so this matches a response without a list of models.
        properties: {
          key: 'data',
          value: undefined,
          message: 'The service at this Base URL is no Wan image API. Enter the part of the URL before /v1.',
        },
      },
    ] as NonNullable<ICredentialTestRequest['rules']>,
  };
}
