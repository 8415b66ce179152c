package io.alldocs.partition;

/**
 * The newest change of one document.
 *
 * @param seq position of the change in the feed
 * @param id id of the document
 * @param rev revision that the change created
 * @param deleted whether the change deleted the document
 */
public record Change(Sequence seq, String id, String rev, boolean deleted) {}
