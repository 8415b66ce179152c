package io.alldocs.sync;

import io.alldocs.packument.Outcome;

/**
 * A package of the job that the feed says has changed, once that is stored.
 *
 * @param name the package
 * @param rev the revision that the feed gave
 * @param deleted whether the origin deleted it
 * @param outcome what the registry answered last
 */
public record ChangedPackage(String name, String rev, boolean deleted, Outcome outcome) {}
