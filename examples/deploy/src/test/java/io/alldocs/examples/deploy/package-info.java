/** Tests of the files that deploy the programs: images, Kubernetes manifests, workflows, and the Kotlin example. */
@NullMarked
package io.alldocs.examples.deploy;

import org.jspecify.annotations.NullMarked;
