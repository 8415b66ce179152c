/** Tests of the Google Cloud Storage driver. */
@NullMarked
package io.alldocs.storage.fastly;

import org.jspecify.annotations.NullMarked;
