import { Module } from '@nestjs/common';
import { LINKS_CONFIG, type LinksConfig } from '../config/slices.ts';
import { ImageSignatures } from './image-signatures.ts';
import { ServiceAddress, urlOfListener } from './service-address.ts';
import { openSigningKeys } from './signing-keys.ts';
import { SigningKeysRepository } from './signing-keys.repository.ts';

/** The address of the service, and the signed URLs of images. */
@Module({
  providers: [
    SigningKeysRepository,
    {
      provide: ImageSignatures,
      useFactory: async ({ signingKeys }: LinksConfig, repository: SigningKeysRepository) =>
        new ImageSignatures(await openSigningKeys(signingKeys, repository)),
      inject: [LINKS_CONFIG, SigningKeysRepository],
    },
    {
      provide: ServiceAddress,
      useFactory: ({ publicUrl, host, port }: LinksConfig, signatures: ImageSignatures) =>
        new ServiceAddress(publicUrl ?? urlOfListener(host, port), signatures),
      inject: [LINKS_CONFIG, ImageSignatures],
    },
  ],
  exports: [ImageSignatures, ServiceAddress],
})
export class LinksModule {}
