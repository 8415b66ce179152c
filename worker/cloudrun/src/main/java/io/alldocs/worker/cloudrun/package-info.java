/**
 * Workers in a container of Google's Cloud Run, with Google Cloud Storage as their store. {@link io.alldocs.worker.cloudrun.CloudRun} is what the container
 * starts; Cloud Tasks or Pub/Sub bring it the work. The folder of this module holds a {@code Dockerfile}, a {@code service.yaml}, and a README that says how
 * they are deployed.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.worker.cloudrun;

import org.jspecify.annotations.NullMarked;
