import {
  parseApiKeyListQuery,
  parseCreateApiKey,
  type ApiKeyList,
  type ApiKeyRecord,
  type CreatedApiKey,
} from '@wan-image/core';
import { Body, Controller, Delete, Get, Header, Param, Post, Query } from '@nestjs/common';
import { brokenRules, notFound } from '../domain/api-error.ts';
import { uuidOf } from '../domain/uuid.ts';
import { Access } from './access.ts';
import { AccessService } from './access.service.ts';

@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly access: AccessService) {}

  @Post()
  @Access('admin')
  @Header('cache-control', 'no-store')
  async create(@Body() body: unknown): Promise<CreatedApiKey> {
    const parsed = parseCreateApiKey(body);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    return this.access.createKey(parsed.value);
  }

  @Get()
  @Access('admin')
  async list(@Query() query: Record<string, unknown>): Promise<ApiKeyList> {
    const parsed = parseApiKeyListQuery(query);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    return this.access.listKeys(parsed.value);
  }

  @Get(':id')
  @Access('admin')
  async get(@Param('id') text: string): Promise<ApiKeyRecord> {
    const id = uuidOf(text);
    return found(id && (await this.access.getKey(id)));
  }

  /** The key opens nothing any more; its record stays. */
  @Delete(':id')
  @Access('admin')
  async revoke(@Param('id') text: string): Promise<ApiKeyRecord> {
    const id = uuidOf(text);
    return found(id && (await this.access.revokeKey(id)));
  }
}

function found(key: ApiKeyRecord | null | ''): ApiKeyRecord {
  if (!key) throw notFound('This API key');
  return key;
}
