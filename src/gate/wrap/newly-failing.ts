import { instanceOf } from '../../contracts/instance.ts'
import type { ContractFact } from '../../core/facts/cluster.ts'
import type { ContractSeen } from './moment.ts'
import type { Wrapped, WrittenFile } from './wrapped.ts'
import { latest } from './wrapped.ts'

/** Contracts that fail now and did not before; what was broken already is not the command's fault. */
export function newlyFailing(wrapped: Wrapped): readonly ContractSeen[] {
  const keyOf = ({ contract, instance, node }: ContractFact): string => JSON.stringify([contract, instance, node])
  const failed = new Set(wrapped.before.contracts.filter(({ fact }) => !fact.ok).map(({ fact }) => keyOf(fact)))
  return latest(wrapped).contracts.filter(({ fact }) => !fact.ok && !failed.has(keyOf(fact)))
}

/** The instance's own file, where the command wrote it. */
export const fileOf = (files: readonly WrittenFile[], { instance }: ContractFact): WrittenFile | undefined =>
  files.find(({ file }) => instanceOf(file) === instance)
