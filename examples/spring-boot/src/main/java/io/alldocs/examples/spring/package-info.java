/**
 * A Spring Boot service that syncs the packages of a prefix and answers {@code GET /packages/{name}} from the cache.
 * Read {@link io.alldocs.examples.spring.PackageController} first.
 *
 * @since 0.1.0
 */
@NullMarked
package io.alldocs.examples.spring;

import org.jspecify.annotations.NullMarked;
