export { readUuid as uuidOf } from '@wan-image/core';
