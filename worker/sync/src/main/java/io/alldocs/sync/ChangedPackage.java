package io.alldocs.sync;

import io.alldocs.packument.Outcome;

/**
 * A change of one of the job's packages that the feed reported, and that is stored.
 *
 * @param name the package
 * @param rev the revision that the feed gave
 * @param deleted whether the origin deleted it
 * @param outcome the outcome of the registry's last response
 */
public record ChangedPackage(String name, String rev, boolean deleted, Outcome outcome) {}
