// The official JavaScript client against a running cluster. Usage: walk.mjs NAMESPACE. Prints a line a step; any surprise is an exception.
import * as k8s from '@kubernetes/client-node';
import assert from 'node:assert/strict';

const namespace = process.argv[2];
const config = new k8s.KubeConfig();
config.loadFromDefault();
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const objects = k8s.KubernetesObjectApi.makeApiClient(config);
const step = (name) => console.log(`ok ${name}`);

async function refused(code, reason, call) {
  await assert.rejects(call, (failure) => {
    assert.equal(failure.code, code, failure.message);
    assert.equal(JSON.parse(failure.body).reason, reason);
    return true;
  });
}

async function crud() {
  const created = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'js' }, data: { k: 'v' } } });
  assert.ok(created.metadata.uid);
  await refused(409, 'AlreadyExists', () => core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'js' } } }));
  const replaced = await core.replaceNamespacedConfigMap({ name: 'js', namespace, body: { ...created, data: { k: 'w' } } });
  assert.equal(replaced.data.k, 'w');
  await refused(409, 'Conflict', () => core.replaceNamespacedConfigMap({ name: 'js', namespace, body: created }));
  const { items } = await core.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=js' });
  assert.deepEqual(items.map((item) => item.metadata.name), ['js']);
  await core.deleteNamespacedConfigMap({ name: 'js', namespace });
  await refused(404, 'NotFound', () => core.readNamespacedConfigMap({ name: 'js', namespace }));
  step('crud');
}

const deployment = (name, replicas) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image: 'busybox:1.36', command: ['sleep', '3600'], env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] }],
      },
    },
  },
});

async function patches() {
  await apps.createNamespacedDeployment({ namespace, body: deployment('js-web', 0) });
  const patch = (body, type) => apps.patchNamespacedDeployment({ name: 'js-web', namespace, body }, k8s.setHeaderOptions('Content-Type', type));
  const merged = await patch({ metadata: { labels: { a: '1' } } }, k8s.PatchStrategy.MergePatch);
  assert.equal(merged.metadata.labels.a, '1');
  const strategic = await patch(
    { spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'B', value: '3' }] }] } } } }, k8s.PatchStrategy.StrategicMergePatch);
  const env = Object.fromEntries(strategic.spec.template.spec.containers[0].env.map(({ name, value }) => [name, value]));
  assert.deepEqual(env, { A: '1', B: '3' });
  const pointed = await patch([{ op: 'remove', path: '/metadata/labels/a' }], k8s.PatchStrategy.JsonPatch);
  assert.equal(pointed.metadata.labels?.a, undefined);
  const apply = (value, fieldManager, force) => objects.patch(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'js-web', namespace, annotations: { note: value } } },
    undefined, undefined, fieldManager, force, k8s.PatchStrategy.ServerSideApply);
  assert.equal((await apply('1', 'walk')).metadata.annotations.note, '1');
  await refused(409, 'Conflict', () => apply('2', 'other'));
  const forced = await apply('2', 'other', true);
  assert.deepEqual(forced.metadata.managedFields.filter(({ operation }) => operation === 'Apply').map(({ manager }) => manager), ['other']);
  step('patches');
}

async function scaleAndInform() {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  const informer = k8s.makeInformer(config, path, () => apps.listNamespacedDeployment({ namespace }));
  const available = new Promise((resolve, reject) => {
    const look = (obj) => obj.metadata.name === 'js-web' && obj.status?.availableReplicas === 1 && resolve();
    informer.on('add', look);
    informer.on('update', look);
    informer.on('error', reject);
    setTimeout(() => reject(new Error('not available within a minute')), 60_000).unref();
  });
  await informer.start();
  const scale = await apps.readNamespacedDeploymentScale({ name: 'js-web', namespace });
  scale.spec.replicas = 1;
  await apps.replaceNamespacedDeploymentScale({ name: 'js-web', namespace, body: scale });
  await available;
  await informer.stop();
  step('scale seen by an informer');
}

async function watchWithResume() {
  const total = 60;
  let version = (await core.listNamespacedConfigMap({ namespace })).metadata.resourceVersion;
  const writing = (async () => {
    for (let i = 0; i < total; i++) {
      await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: `seq-${i}`, labels: { seq: '1' } } } });
    }
  })();
  const seen = [];
  while (seen.length < total) {
    await new Promise((resolve, reject) => {
      let controller;
      let inThis = 0;
      new k8s.Watch(config)
        .watch(
          `/api/v1/namespaces/${namespace}/configmaps`,
          { resourceVersion: version, labelSelector: 'seq', timeoutSeconds: 20 },
          (type, obj) => {
            if (inThis++ < 7) {
              assert.equal(type, 'ADDED');
              seen.push(obj.metadata.name);
              version = obj.metadata.resourceVersion;
            }
            if (inThis === 7 || seen.length === total) {
              controller?.abort();
            }
          },
          (failure) => (failure && failure.name !== 'AbortError' ? reject(failure) : resolve()),
        )
        .then((started) => (controller = started), reject);
    });
  }
  await writing;
  assert.deepEqual(seen, Array.from({ length: total }, (_, i) => `seq-${i}`));
  await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'seq' });
  step('watch with resume');
}

async function custom() {
  const definitions = config.makeApiClient(k8s.ApiextensionsV1Api);
  const customs = config.makeApiClient(k8s.CustomObjectsApi);
  const name = 'pebbles.javascript.example.com';
  const size = { type: 'integer', minimum: 1, _default: 3 };
  await definitions.createCustomResourceDefinition({
    body: {
      metadata: { name },
      spec: {
        group: 'javascript.example.com',
        scope: 'Namespaced',
        names: { plural: 'pebbles', singular: 'pebble', kind: 'Pebble' },
        versions: [{
          name: 'v1', served: true, storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size } } } } },
        }],
      },
    },
  });
  for (let tries = 0; ; tries++) {
    const { status } = await definitions.readCustomResourceDefinition({ name });
    if (status?.conditions?.some((condition) => condition.type === 'Established' && condition.status === 'True')) break;
    assert.ok(tries < 100, 'the definition is not established');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const place = { group: 'javascript.example.com', version: 'v1', namespace, plural: 'pebbles' };
  const made = await customs.createNamespacedCustomObject({
    ...place, body: { apiVersion: 'javascript.example.com/v1', kind: 'Pebble', metadata: { name: 'one' }, spec: { unknown: 1 } } });
  assert.deepEqual(made.spec, { size: 3 });
  const patch = (value) => customs.patchNamespacedCustomObject(
    { ...place, name: 'one', body: { spec: { size: value } } }, k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
  await refused(422, 'Invalid', () => patch(0));
  assert.equal((await patch(5)).spec.size, 5);
  const { items } = await customs.listNamespacedCustomObject(place);
  assert.deepEqual(items.map((item) => item.metadata.name), ['one']);
  await customs.deleteNamespacedCustomObject({ ...place, name: 'one' });
  await definitions.deleteCustomResourceDefinition({ name });
  step('custom resource');
}

async function generic() {
  const spec = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'js-generic', namespace }, stringData: { a: 'b' } };
  const created = await objects.create(spec);
  assert.equal(created.data.a, Buffer.from('b').toString('base64'));
  const read = await objects.read({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'js-generic', namespace } });
  assert.equal(read.metadata.uid, created.metadata.uid);
  await objects.delete(spec);
  step('generic object client');
}

await crud();
await patches();
await scaleAndInform();
await watchWithResume();
await custom();
await generic();
console.log('done');
process.exit(0);
