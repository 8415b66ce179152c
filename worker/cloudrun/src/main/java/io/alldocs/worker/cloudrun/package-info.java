/**
 * Workers in a Google Cloud Run container, with Google Cloud Storage as their store. The container starts
 * {@link io.alldocs.worker.cloudrun.CloudRun}; Cloud Tasks or Pub/Sub push work items to it. The folder of this module
 * contains a {@code Dockerfile}, a {@code service.yaml}, and a README that documents the deployment.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.cloudrun;

import org.jspecify.annotations.NullMarked;
