import { ApiKeyEntity } from '../access/api-key.entity.ts';
import { KeyRateEntity } from '../access/key-rate.entity.ts';
import { ProjectEntity } from '../access/project.entity.ts';
import type { Config } from '../config/config.ts';
import { openDatabase, type Database } from '../database/database.ts';
import { FirstSchema1795392000000 } from '../database/migrations/2026-11-23-first-schema.ts';
import { Idempotency1795478400000 } from '../database/migrations/2026-11-24-idempotency.ts';
import { Work1795521600000 } from '../database/migrations/2026-11-24-work.ts';
import { Intake1795564800000 } from '../database/migrations/2026-11-25-intake.ts';
import { PictureUrls1795651200000 } from '../database/migrations/2026-11-26-picture-urls.ts';
import { Access1795737600000 } from '../database/migrations/2026-11-27-access.ts';
import { Sweep1795824000000 } from '../database/migrations/2026-11-28-sweep.ts';
import { InputArchive1795910400000 } from '../database/migrations/2026-11-29-input-archive.ts';
import { ClientReferences1795996800000 } from '../database/migrations/2026-11-30-client-references.ts';
import { OpenResponses1796083200000 } from '../database/migrations/2026-12-01-open-responses.ts';
import { PendingOutputs1796169600000 } from '../database/migrations/2026-12-02-pending-outputs.ts';
import { ImageFacts1796256000000 } from '../database/migrations/2026-12-03-image-facts.ts';
import { Archive1796342400000 } from '../database/migrations/2026-12-04-archive.ts';
import { LargeRequests1796428800000 } from '../database/migrations/2026-12-05-large-requests.ts';
import { Library1796515200000 } from '../database/migrations/2026-12-06-library.ts';
import { Sessions1796601600000 } from '../database/migrations/2026-12-07-sessions.ts';
import { Outbox1796688000000 } from '../database/migrations/2026-12-08-outbox.ts';
import { Webhooks1796774400000 } from '../database/migrations/2026-12-09-webhooks.ts';
import { Latencies1796947200000 } from '../database/migrations/2026-12-11-latencies.ts';
import { Retention1796860800000 } from '../database/migrations/2026-12-10-retention.ts';
import { UpstreamStartEntity } from '../dispatch/upstream-start.entity.ts';
import { WorkerEntity } from '../dispatch/worker.entity.ts';
import { DerivationEntity } from '../ledger/derivation.entity.ts';
import { GenerationTermEntity } from '../ledger/generation-term.entity.ts';
import { GenerationImageEntity } from '../ledger/generation-image.entity.ts';
import { GenerationEntity } from '../ledger/generation.entity.ts';
import { IdempotencyKeyEntity } from '../ledger/idempotency-key.entity.ts';
import { OutboxEntity } from '../ledger/outbox.entity.ts';
import { OpenResponseEntity } from '../ledger/open-response.entity.ts';
import { GenerationTextEntity } from '../ledger/generation-text.entity.ts';
import { SessionEntity } from '../access/session.entity.ts';
import { SigningKeyEntity } from '../links/signing-key.entity.ts';
import { BackgroundJobEntity } from '../background-jobs/background-job.entity.ts';
import { RecordedRequestEntity } from '../idempotency/recorded-request.entity.ts';
import { FavoriteImageEntity } from '../library/favorite-image.entity.ts';
import { GenerationTagEntity } from '../library/generation-tag.entity.ts';
import { RetentionPolicyEntity } from '../retention/retention-policy.entity.ts';
import { KeySpendEntity } from '../spending/key-spend.entity.ts';
import { UsageHourEntity, UsageHourModelEntity, VisibleImagesHourEntity } from '../stats/usage-hour.entity.ts';
import { ThumbnailEntity } from '../thumbnails/thumbnail.entity.ts';
import { WebhookDeliveryEntity } from '../webhooks/webhook-delivery.entity.ts';
import { WebhookEntity } from '../webhooks/webhook.entity.ts';

const ENTITIES = [
  GenerationEntity,
  GenerationImageEntity,
  IdempotencyKeyEntity,
  OpenResponseEntity,
  OutboxEntity,
  DerivationEntity,
  GenerationTermEntity,
  GenerationTextEntity,
  GenerationTagEntity,
  FavoriteImageEntity,
  BackgroundJobEntity,
  RecordedRequestEntity,
  RetentionPolicyEntity,
  WorkerEntity,
  UpstreamStartEntity,
  SigningKeyEntity,
  ThumbnailEntity,
  UsageHourEntity,
  UsageHourModelEntity,
  VisibleImagesHourEntity,
  ProjectEntity,
  ApiKeyEntity,
  KeyRateEntity,
  SessionEntity,
  KeySpendEntity,
  WebhookEntity,
  WebhookDeliveryEntity,
];

/** In the order in which they run. Append new migrations; never change one that has been released. */
const MIGRATIONS = [
  FirstSchema1795392000000,
  Idempotency1795478400000,
  Work1795521600000,
  Intake1795564800000,
  PictureUrls1795651200000,
  Access1795737600000,
  Sweep1795824000000,
  InputArchive1795910400000,
  ClientReferences1795996800000,
  OpenResponses1796083200000,
  PendingOutputs1796169600000,
  ImageFacts1796256000000,
  Archive1796342400000,
  LargeRequests1796428800000,
  Library1796515200000,
  Sessions1796601600000,
  Outbox1796688000000,
  Webhooks1796774400000,
  Retention1796860800000,
  Latencies1796947200000,
];

/** Opens the database of the service, with all tables. */
export function openServiceDatabase(
  config: Pick<Config, 'databaseUrl' | 'dataDir'>,
  onSetUp?: () => void,
): Promise<Database> {
  return openDatabase(config, { entities: ENTITIES, migrations: MIGRATIONS }, onSetUp);
}
