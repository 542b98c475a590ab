export interface ExampleOptions {
  readonly publicUrl: string;
  /** Whether requests need an API key. */
  readonly keyed: boolean;
  /** Whether the upstream is the simulator. */
  readonly simulated: boolean;
}

/**
 * AnyFast's own example as a curl command in one line. Its input image does not exist. The simulator accepts any URL; a request that is
 * billed would fail, so the command for a real upstream has no input image.
 */
export function exampleCurl({ publicUrl, keyed, simulated }: ExampleOptions): string {
  const body = {
    model: 'wan2.7-image-pro',
    prompt: '一间有着精致窗户的花店,漂亮的木质门,摆放着花朵',
    ...(simulated ? { image: 'https://example.com/input.jpg' } : {}),
    n: 1,
    size: '2K',
    enable_sequential: false,
    thinking_mode: true,
    watermark: false,
    seed: 1073741823,
    response_format: 'url',
  };
  const key = keyed ? ` --header 'Authorization: Bearer <your key>'` : '';
  return `curl ${publicUrl}/v1/images/generations${key} --header 'Content-Type: application/json' --data '${JSON.stringify(body)}'`;
}
