/** Tests of the Fastly drivers. */
@NullMarked
package io.alldocs.storage.fastly;

import org.jspecify.annotations.NullMarked;
