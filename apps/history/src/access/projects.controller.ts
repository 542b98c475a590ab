import { parseCreateProject, parseListQuery, type ProjectList, type ProjectRecord } from '@wan-image/core';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { brokenRules, notFound } from '../http/api-error.ts';
import { uuidOf } from '../http/uuid.ts';
import { Access } from './access.ts';
import { AccessService } from './access.service.ts';

@Controller('v1/projects')
export class ProjectsController {
  readonly #access: AccessService;

  constructor(access: AccessService) {
    this.#access = access;
  }

  @Post()
  @Access('admin')
  async create(@Body() body: unknown): Promise<ProjectRecord> {
    const parsed = parseCreateProject(body);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    return this.#access.createProject(parsed.value);
  }

  @Get()
  @Access('admin')
  async list(@Query() query: Record<string, unknown>): Promise<ProjectList> {
    const parsed = parseListQuery(query);
    if (!parsed.ok) throw brokenRules(parsed.problems);
    return this.#access.listProjects(parsed.value);
  }

  @Get(':id')
  @Access('admin')
  async get(@Param('id') text: string): Promise<ProjectRecord> {
    const id = uuidOf(text);
    const project = id && (await this.#access.getProject(id));
    if (!project) throw notFound('This project');
    return project;
  }
}
