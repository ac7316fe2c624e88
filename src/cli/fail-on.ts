import { severities, type Severity } from '../core/severity.ts'
import type { Options } from './command.ts'

/** `--fail-on <severity>`: from this one on a finding is a no. */
export const failOnOf = (options: Options): Severity =>
  severities.find((severity) => severity === options.text('fail-on')) ?? 'error'
