import {
  parseApiKeyListQuery,
  parseCreateApiKey,
  parseUpdateApiKey,
  type ApiKeyList,
  type ApiKeyListQuery,
  type ApiKeyRecord,
  type CreateApiKeyRequest,
  type CreatedApiKey,
  type UpdateApiKeyRequest,
} from '@wan-image/core';
import { Body, Controller, Delete, Get, Header, Param, Patch, Post, Query } from '@nestjs/common';
import { notFound } from '../domain/api-error.ts';
import { contract, idOf } from '../http/contract.pipe.ts';
import { AccessService } from './access.service.ts';
import { Access } from '../http/route-access.ts';

const WHAT = 'This API key';

@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly access: AccessService) {}

  @Post()
  @Access('admin')
  @Header('cache-control', 'no-store')
  create(@Body(contract(parseCreateApiKey)) request: CreateApiKeyRequest): Promise<CreatedApiKey> {
    return this.access.createKey(request);
  }

  @Get()
  @Access('admin')
  list(@Query(contract(parseApiKeyListQuery)) query: ApiKeyListQuery): Promise<ApiKeyList> {
    return this.access.listKeys(query);
  }

  @Get(':id')
  @Access('admin')
  async get(@Param('id', idOf(WHAT)) id: string): Promise<ApiKeyRecord> {
    return found(await this.access.getKey(id));
  }

  @Patch(':id')
  @Access('admin')
  async update(
    @Param('id', idOf(WHAT)) id: string,
    @Body(contract(parseUpdateApiKey)) request: UpdateApiKeyRequest,
  ): Promise<ApiKeyRecord> {
    return found(await this.access.updateKey(id, request));
  }

  /** Revokes the key; its record stays. */
  @Delete(':id')
  @Access('admin')
  async revoke(@Param('id', idOf(WHAT)) id: string): Promise<ApiKeyRecord> {
    return found(await this.access.revokeKey(id));
  }
}

function found(key: ApiKeyRecord | null): ApiKeyRecord {
  if (!key) throw notFound(WHAT);
  return key;
}
