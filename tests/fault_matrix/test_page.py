from fault_matrix.page import PAGE, updated


def test_the_page_shows_the_matrix_as_it_is() -> None:
    """docs/reliability.md is made from the matrix: `make reliability-page` brings it up to date."""
    page = PAGE.read_text()
    assert updated(page) == page
