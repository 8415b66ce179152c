/** Tests of what the emulators have in common. */
@NullMarked
package io.alldocs.storage.emulators;

import org.jspecify.annotations.NullMarked;
