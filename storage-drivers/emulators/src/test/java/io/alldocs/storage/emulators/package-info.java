/** Tests of the features that all emulators share. */
@NullMarked
package io.alldocs.storage.emulators;

import org.jspecify.annotations.NullMarked;
