import {
  parseCreateProject,
  parseListQuery,
  type CreateProjectRequest,
  type ListQuery,
  type ProjectList,
  type ProjectRecord,
} from '@wan-image/core';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { notFound } from '../domain/api-error.ts';
import { contract, idOf } from '../http/contract.pipe.ts';
import { AccessService } from './access.service.ts';
import { Access } from '../http/route-access.ts';

const WHAT = 'This project';

@Controller('v1/projects')
export class ProjectsController {
  constructor(private readonly access: AccessService) {}

  @Post()
  @Access('admin')
  create(@Body(contract(parseCreateProject)) request: CreateProjectRequest): Promise<ProjectRecord> {
    return this.access.createProject(request);
  }

  @Get()
  @Access('admin')
  list(@Query(contract(parseListQuery)) query: ListQuery): Promise<ProjectList> {
    return this.access.listProjects(query);
  }

  @Get(':id')
  @Access('admin')
  async get(@Param('id', idOf(WHAT)) id: string): Promise<ProjectRecord> {
    const project = await this.access.getProject(id);
    if (!project) throw notFound(WHAT);
    return project;
  }
}
