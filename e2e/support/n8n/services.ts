import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { N8nHost } from './host.ts';
import type { Loader, N8nModules, NodeLoading } from './modules.ts';
import type { CredentialData } from './types.ts';

/** The credentials of one run, by type. */
export interface CredentialStore {
  use(credentials: Readonly<Record<string, CredentialData>>): void;
}

/**
 * n8n's services without its database: each repository that a run uses is replaced by a fake with the data of a fresh instance and
 * the given credentials. All logic is n8n's own: encryption, defaults, expressions, authentication.
 */
export async function prepareServices(modules: N8nModules): Promise<CredentialStore> {
  const { container, core, keys } = modules;
  // Also for the first engine, so that it does not differ from later ones.
  container.reset();
  let stored: Readonly<Record<string, CredentialData>> = {};
  container.set(keys.credentialsRepository, {
    async findOneByOrFail({ id, type }: { id: string; type: string }) {
      const data = stored[type];
      if (data === undefined) throw new Error(`This run has no credential of type ${type}.`);
      const credential = new core.Credentials({ id, name: type }, type);
      await credential.setData(data);
      return { id, name: type, type, usageScope: 'project', isResolvable: false, ...credential.getDataToSave() };
    },
  });
  container.set(keys.secretsProviders, {});
  container.set(keys.settingsRepository, {});
  container.set(keys.aiGateway, {});
  container.set(keys.policies, { enforceCredentialDecrypt: async () => undefined });
  container.set(keys.variables, { getAllCached: async () => [] });
  const licenses = container.get(keys.licenseState) as { setLicenseProvider(provider: object): void };
  licenses.setLicenseProvider({ isLicensed: () => false, getValue: () => undefined });
  provideEncryptionKey(modules);
  await container.get(core.BinaryDataService).init();
  return { use: (credentials) => void (stored = credentials) };
}

/** The key of the instance, which n8n uses until keys are rotated. */
function provideEncryptionKey({ container, core }: N8nModules): void {
  const { encryptionKey } = container.get(core.InstanceSettings);
  const value = container.get(core.Cipher).encryptDEKWithInstanceKey(encryptionKey);
  const key = { id: 'instance', value, algorithm: 'aes-256-cbc', format: 'no-prefix' };
  container.get(core.EncryptionKeyProxy).setProvider({
    getActiveKey: async () => key,
    getKeyById: async () => null,
    getLegacyKey: async () => key,
  });
}

/** Loads the package with n8n's loader for community packages, and each node of n8n's own packages on first use. */
export async function loadNodes(
  modules: N8nModules,
  host: N8nHost,
  packageFolders: readonly string[],
): Promise<NodeLoading> {
  const loading = modules.container.get(modules.loadNodes);
  for (const folder of packageFolders) await loading.runDirectoryLoader(modules.core.PackageDirectoryLoader, folder);
  // Creates the variants for agents, and everything else that n8n adds to a node.
  await loading.postProcessLoaders();
  for (const name of ['n8n-nodes-base', '@n8n/n8n-nodes-langchain']) {
    const folder = dirname(host.require.resolve(`${name}/package.json`));
    loading.loaders[name] = lazily(new modules.core.LazyPackageDirectoryLoader(folder), folder);
  }
  return loading;
}

/** Without the descriptions of the nodes, 18 MB that only the editor needs, and without `postProcessLoaders`, which would load 400 credentials. */
function lazily(loader: Loader, folder: string): Loader {
  const known = (kind: string): Record<string, unknown> =>
    JSON.parse(readFileSync(join(folder, `dist/known/${kind}.json`), 'utf8')) as Record<string, unknown>;
  loader.known = { nodes: known('nodes'), credentials: known('credentials') };
  loader.isLazyLoaded = true;
  return loader;
}
