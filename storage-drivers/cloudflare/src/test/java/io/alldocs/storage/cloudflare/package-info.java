/** Tests of the Google Cloud Storage driver. */
@NullMarked
package io.alldocs.storage.cloudflare;

import org.jspecify.annotations.NullMarked;
