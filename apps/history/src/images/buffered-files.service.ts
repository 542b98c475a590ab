import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PeriodicTasks, UPKEEP_INTERVAL_MS } from '../jobs/periodic-tasks.ts';
import { OutcomeRecorder } from '../ledger/outcome-recorder.service.ts';
import { ImageFilesService } from './image-files.service.ts';

/** Protects files of buffered rows from garbage collection, however long the database is unavailable. */
@Injectable()
export class BufferedFiles implements OnModuleInit {
  constructor(
    private readonly outcomes: OutcomeRecorder,
    private readonly files: ImageFilesService,
    private readonly tasks: PeriodicTasks,
  ) {}

  onModuleInit(): void {
    this.tasks.register('buffered files', UPKEEP_INTERVAL_MS, () => this.files.touch(this.outcomes.bufferedFiles()));
  }
}
