/**
 * Generates an image by each method and in each format, without an API of any host. Returns the sizes.
 * It gets its client as an argument, so that the same code runs however core was loaded.
 */
export async function makeImages(client) {
  const request = { model: 'wan2.7-image', prompt: '一间花店', size: '1K' };
  const sizes = {};
  for (const response_format of ['url', 'b64_json']) {
    const { images } = await client.generate({ ...request, response_format });
    sizes[`generate ${response_format}`] = await Promise.all(images.map(sizeOf));
    sizes[`stream ${response_format}`] = [];
    for await (const image of client.stream({ ...request, response_format })) {
      sizes[`stream ${response_format}`].push(await sizeOf(image));
    }
  }
  return sizes;
}

/** In a PNG, width and height stand at bytes 16 and 20. */
async function sizeOf(image) {
  const bytes = await image.bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return `${view.getUint32(16)}x${view.getUint32(20)}`;
}
