/** Tests of the Google Cloud Storage driver. */
@NullMarked
package io.alldocs.storage.gcs;

import org.jspecify.annotations.NullMarked;
