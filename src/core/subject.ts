/** Subjects are compared to the letter by people's scripts: they are made here and nowhere else. */
export const subject = {
  node: (node: string): string => node,
  table: (node: string, schema: string, table: string): string => `${node}:${schema}.${table}`,
  index: (node: string, schema: string, index: string): string => `${node}:${schema}.${index}`,
  sequence: (node: string, schema: string, sequence: string): string => `${node}:${schema}.${sequence}`,
  function: (node: string, schema: string, name: string): string => `${node}:${schema}.${name}()`,
  database: (node: string, database: string): string => `${node}:database ${database}`,
  extension: (node: string, extension: string): string => `${node}:extension ${extension}`,
  accessRules: (node: string): string => `${node}:pg_hba.conf`,
  application: (node: string, application: string): string => `${node}:application ${application}`,
  roleSetting: (node: string, role: string | null, database: string | null, name: string): string =>
    `${node}:${role === null ? '' : `role ${role} `}${database === null ? '' : `database ${database} `}${name}`,
  invariant: (name: string, node: string): string => `${node}:custom/${name}`,
  setting: (node: string, setting: string): string => `${node}:${setting}`,
  publication: (node: string, publication: string): string => `${node}:publication ${publication}`,
  publicationTable: (node: string, publication: string, schema: string, table: string): string =>
    `${node}:publication ${publication}:${schema}.${table}`,
  subscription: (node: string, subscription: string): string => `${node}:subscription ${subscription}`,
  slot: (node: string, slot: string): string => `${node}:slot ${slot}`,
  role: (node: string, role: string): string => `${node}:role ${role}`,
  file: (file: string, key: string): string => `${file}#${key}`,
  session: (node: string, pid: number): string => `${node}:pid ${pid}`,
  /** A file of a relation, as log lines name it: `base/16384/24576`. */
  relationFile: (node: string, path: string): string => `${node}:${path}`,
  path: (from: string, node: string): string => `${from}→${node}`,
  release: (contract: string): string => `contract ${contract}:release`,
  contract: (contract: string, instance: string): string => `contract ${contract}:${instance}`,
} as const
