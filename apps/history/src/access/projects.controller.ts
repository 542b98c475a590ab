import {
  parseCreateProject,
  parseProjectListQuery,
  parseUpdateProject,
  type CreateProjectRequest,
  type ProjectList,
  type ProjectListQuery,
  type ProjectRecord,
  type UpdateProjectRequest,
} from '@wan-image/core';
import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
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
  list(@Query(contract(parseProjectListQuery)) query: ProjectListQuery): Promise<ProjectList> {
    return this.access.listProjects(query);
  }

  @Get(':id')
  @Access('admin')
  async get(@Param('id', idOf(WHAT)) id: string): Promise<ProjectRecord> {
    return found(await this.access.getProject(id));
  }

  @Patch(':id')
  @Access('admin')
  async update(
    @Param('id', idOf(WHAT)) id: string,
    @Body(contract(parseUpdateProject)) request: UpdateProjectRequest,
  ): Promise<ProjectRecord> {
    return found(await this.access.updateProject(id, request));
  }
}

function found(project: ProjectRecord | null): ProjectRecord {
  if (!project) throw notFound(WHAT);
  return project;
}
