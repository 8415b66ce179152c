/** Tests of the Cloudflare driver. */
@NullMarked
package io.alldocs.storage.cloudflare;

import org.jspecify.annotations.NullMarked;
