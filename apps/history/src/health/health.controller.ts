import type { Liveness, Readiness } from '@wan-image/core';
import { Controller, Get, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { VERSION } from '../config/version.ts';
import { Access } from '../http/route-access.ts';
import { HealthService } from './health.service.ts';

@Controller()
export class HealthController {
  constructor(private readonly health: HealthService) {}

  /** The process is running, and which version it is. */
  @Get('healthz')
  @Access('public')
  healthz(): Liveness {
    return { status: 'ok', ...VERSION };
  }

  /** The service can record a generation and store its images. */
  @Get('readyz')
  @Access('public')
  async readyz(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    if (readiness.status !== 'ready') void reply.status(503);
    return readiness;
  }
}
