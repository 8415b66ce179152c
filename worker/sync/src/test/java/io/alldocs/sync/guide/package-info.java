/** The program of the guide. */
@NullMarked
package io.alldocs.sync.guide;

import org.jspecify.annotations.NullMarked;
