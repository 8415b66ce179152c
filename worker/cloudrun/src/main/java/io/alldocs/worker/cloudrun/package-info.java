/** Workers in a container of Google's Cloud Run, with Google Cloud Storage as their store. */
@NullMarked
package io.alldocs.worker.cloudrun;

import org.jspecify.annotations.NullMarked;
