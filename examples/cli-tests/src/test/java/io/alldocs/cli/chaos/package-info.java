/** Mutated input for every client and every driver that uses HTTP. */
@org.jspecify.annotations.NullMarked
package io.alldocs.cli.chaos;
