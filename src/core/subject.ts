/** Subjects are compared to the letter by people's scripts: they are made here and nowhere else. */
export const subject = {
  node: (node: string): string => node,
  table: (node: string, schema: string, table: string): string => `${node}:${schema}.${table}`,
  setting: (node: string, setting: string): string => `${node}:${setting}`,
  publication: (node: string, publication: string): string => `${node}:publication ${publication}`,
  publicationTable: (node: string, publication: string, schema: string, table: string): string =>
    `${node}:publication ${publication}:${schema}.${table}`,
  subscription: (node: string, subscription: string): string => `${node}:subscription ${subscription}`,
  slot: (node: string, slot: string): string => `${node}:slot ${slot}`,
  role: (node: string, role: string): string => `${node}:role ${role}`,
  file: (file: string, key: string): string => `${file}#${key}`,
  path: (from: string, node: string): string => `${from}→${node}`,
  contract: (contract: string, instance: string): string => `contract ${contract}:${instance}`,
} as const
