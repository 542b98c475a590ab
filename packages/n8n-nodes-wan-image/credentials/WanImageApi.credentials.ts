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
      description:
        'Where the API is: AnyFast itself, a history service or the simulator. With or without /v1 at its end.',
    },
    {
      displayName: 'API Key',
      name: 'apiKey',
      type: 'string',
      typeOptions: { password: true },
      default: '',
      required: true,
      description: 'The key of that service. A history service or simulator of your own may take any.',
    },
  ];

  /** A function, because n8n cannot evaluate the expression of a declaration in workflows that keep binary data in the JSON. */
  authenticate: IAuthenticate = async ({ apiKey }, request) => ({
    ...request,
    headers: { ...request.headers, Authorization: `Bearer ${(apiKey as string).trim()}` },
  });

  test: ICredentialTestRequest = {
    request: {
      // The same reading of a base URL as the client's, so that what passes here works there.
      baseURL: '={{ $credentials.baseUrl.trim().replace(/\\/+$/, "").replace(/\\/v1$/, "") }}',
      url: '/v1/models',
      timeout: 20_000,
    },
    // n8n looks at each rule for itself; its type takes rules of one kind alone.
    rules: [
      {
        type: 'responseCode',
        properties: {
          value: 401,
          message: 'The service did not take this API key (401). Check the key and the Base URL.',
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
          message:
            'There is no Wan image API at this Base URL (404). Check the Base URL: it is what stands before /v1.',
        },
      },
      {
        type: 'responseSuccessBody',
        // n8n compares strictly, so this is said where the list of models is missing.
        properties: {
          key: 'data',
          value: undefined,
          message:
            'What answers at this Base URL is no Wan image API. Check the Base URL: it is what stands before /v1.',
        },
      },
    ] as NonNullable<ICredentialTestRequest['rules']>,
  };
}
