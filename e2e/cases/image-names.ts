import type { RequestCase } from './case.ts';
import { BASE, IMAGE, refused, SENT, shown, SHOWN_IMAGE } from './common.ts';

const URL_OF_IMAGE = 'https://example.com/1.png';

/** An image that would be ignored, and paid for as another one, is refused. */
const misplaced = (name: string, value: unknown): RequestCase => ({
  name: `${name} is refused: ${JSON.stringify(value).slice(0, 50)}`,
  body: { json: { ...BASE, [name]: value } },
  status: 400,
  response: refused(name, /send it in "image"/),
});

const masked = (name: string, value: unknown): RequestCase => ({
  name: `a mask is refused, not ignored: ${name} as ${JSON.stringify(value).slice(0, 40)}`,
  body: { json: { ...BASE, image: URL_OF_IMAGE, [name]: value } },
  status: 400,
  response: refused(name, /is not supported: this model has no masks/),
});

const edit = (name: string, body: object, expected: Omit<RequestCase, 'name'>): RequestCase => ({
  name,
  path: '/v1/images/edits',
  body: { json: { ...BASE, ...body } },
  ...expected,
});

export const IMAGE_NAME_CASES: readonly RequestCase[] = [
  misplaced('images', [URL_OF_IMAGE]),
  misplaced('images', [{ image_url: URL_OF_IMAGE }]),
  misplaced('image_url', URL_OF_IMAGE),
  misplaced('image_url', { url: URL_OF_IMAGE }),
  misplaced('image_urls', [URL_OF_IMAGE]),
  misplaced('input_images', [IMAGE]),
  misplaced('reference_images', [URL_OF_IMAGE]),
  misplaced('Image', URL_OF_IMAGE),
  misplaced('init_img', ` ${URL_OF_IMAGE}`),
  misplaced('anything', IMAGE),
  misplaced('input', { image_url: URL_OF_IMAGE }),
  misplaced('imageBase64', 'iVBORw0KGgoAAAANSUhEUgAAAUAAAADwCAIAAAD+Tyo8AAAACXBIWXMAAAPoAAAD6AG1e1JrAAA'),
  {
    name: 'a large image under another name is named, too',
    body: { json: { ...BASE, input_images: [{ $image: { format: 'bmp', width: 1200, height: 1000 } }] } },
    status: 400,
    response: refused('input_images', /send it in "image"/),
  },
  masked('mask', URL_OF_IMAGE),
  masked('mask', { image_url: URL_OF_IMAGE }),
  masked('mask', { file_id: 'file-1' }),
  masked('mask', 'iVBORw0KGgo'),
  masked('mask_url', URL_OF_IMAGE),
  {
    name: 'what is no image goes on, whatever it is called',
    body: { json: { ...BASE, image_count: 2, image_mode: 'fast', mask: null, callback: 'https://example.com/done' } },
    status: 200,
    sent: [{ ...SENT, image_count: 2, image_mode: 'fast', callback: 'https://example.com/done' }],
  },
  {
    name: 'a data URI with parameters that change nothing is taken',
    body: { json: { ...BASE, image: { $image: { ...IMAGE.$image, mime: 'image/png;charset=utf-8;name=a.png' } } } },
    status: 200,
    sent: [{ ...SENT, image: SHOWN_IMAGE }],
  },
  {
    name: 'another encoding in a data URI is named',
    body: { json: { ...BASE, image: 'data:image/svg+xml;utf8,<svg/>' } },
    status: 400,
    response: refused('image', /got "data:image\/svg\+xml;utf8": encode the image as base64/),
  },
  {
    name: 'an image without bytes is called empty',
    body: { json: { ...BASE, image: [URL_OF_IMAGE, 'data:image/png;base64,'] } },
    status: 400,
    response: refused('image[1]', /image\[1\] is empty/),
  },
  {
    name: 'an empty text is called empty',
    body: { json: { ...BASE, image: '' } },
    status: 400,
    response: refused('image', /image is empty/),
  },
  edit(
    'the JSON form of OpenAI is taken, in order',
    { images: [{ image_url: IMAGE }, { image_url: URL_OF_IMAGE }] },
    { status: 200, sent: [{ ...SENT, image: [SHOWN_IMAGE, URL_OF_IMAGE] }] },
  ),
  edit(
    'the JSON form of OpenAI may hold more than 1 MiB of images',
    { images: [{ image_url: { $image: { format: 'bmp', width: 1200, height: 1000 } } }] },
    { status: 200, sent: [{ ...SENT, image: shown('image/bmp') }] },
  ),
  edit(
    'an uploaded file of OpenAI is refused in words',
    { images: [{ image_url: URL_OF_IMAGE }, { file_id: 'file-1' }] },
    { status: 400, response: refused('images[1].file_id', /has no uploaded files/) },
  ),
  edit(
    'more than nine images of OpenAI are refused',
    { images: Array.from({ length: 10 }, () => ({ image_url: URL_OF_IMAGE })) },
    { status: 400, response: refused('images', /has 10 images, at most 9/) },
  ),
  edit(
    'errors name an image as OpenAI does',
    { images: [{ image_url: 'ftp://example.com/1.png' }] },
    { status: 400, response: refused('images[0].image_url', /^images\[0\]\.image_url must be/) },
  ),
];
