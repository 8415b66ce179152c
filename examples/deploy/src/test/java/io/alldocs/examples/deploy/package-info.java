/** Tests of the files for deployment (images and Kubernetes manifests), of the workflows, and of the Kotlin example. */
@NullMarked
package io.alldocs.examples.deploy;

import org.jspecify.annotations.NullMarked;
