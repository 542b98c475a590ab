import type { IExecuteFunctions, INodeExecutionData, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

export interface Operation {
  /** How the panel lists it. */
  readonly option: Omit<INodePropertyOptions, 'value'>;
  /** Its fields, in the order of the panel. They are shown for this operation of its resource only. */
  readonly fields: readonly INodeProperties[];
  /** Processes all input items and returns the output items. */
  readonly run: (context: IExecuteFunctions) => Promise<INodeExecutionData[]>;
}

/** By resource, then by operation: the values that saved workflows hold. */
export type Operations = Readonly<Record<string, Readonly<Record<string, Operation>>>>;
