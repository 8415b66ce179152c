package io.alldocs.partition;

/**
 * The newest change of one document.
 *
 * @param seq its position in the feed
 * @param id the document's id
 * @param rev the revision it brought
 * @param deleted whether it deleted the document
 */
public record Change(Sequence seq, String id, String rev, boolean deleted) {}
