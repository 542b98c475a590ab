import type { GenerationResponse } from '@wan-image/core';

const MODEL = 'wan2.7-image';

/** A generation: the stub of this bench returns the image that the prompt names. */
export async function generate(url: string, prompt: string, image?: string): Promise<GenerationResponse> {
  const body = { model: MODEL, prompt, ...(image === undefined ? {} : { image }) };
  const response = await fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 200) throw new Error(`${prompt}: ${response.status}: ${await response.text()}`);
  return (await response.json()) as GenerationResponse;
}

/** Sends bytes as an input. Whether they are refused does not matter here. */
export async function upload(url: string, bytes: Buffer, as: 'json' | 'form'): Promise<void> {
  const type = bytes[0] === 0xff ? 'jpeg' : 'png';
  const init = as === 'json' ? jsonOf(bytes, type) : { body: formOf(bytes, type) };
  const path = as === 'json' ? 'generations' : 'edits';
  const response = await fetch(`${url}/v1/images/${path}`, { method: 'POST', ...init });
  await response.arrayBuffer();
  if (response.status !== 200 && response.status !== 400) throw new Error(`An upload got ${response.status}`);
}

function jsonOf(bytes: Buffer, type: string): RequestInit {
  const image = `data:image/${type};base64,${bytes.toString('base64')}`;
  return {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, prompt: 'tiny', image }),
  };
}

function formOf(bytes: Buffer, type: string): FormData {
  const form = new FormData();
  form.set('model', MODEL);
  form.set('prompt', 'tiny');
  form.set('image', new Blob([new Uint8Array(bytes)], { type: `image/${type}` }), 'a');
  return form;
}
