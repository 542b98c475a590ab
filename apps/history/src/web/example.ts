export interface ExampleOptions {
  readonly publicUrl: string;
  /** Whether the service asks for a key. */
  readonly keyed: boolean;
  /** Whether images are simulated. */
  readonly simulated: boolean;
}

/**
 * The vendor's own example, as one line that can be pasted. Its input image does not exist: the simulator takes any URL for a
 * image, but a first try that is paid for must not fail for it, so there the line makes an image from the prompt alone.
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
