from fault_matrix.page import PAGE, updated


def test_the_page_shows_the_matrix_as_it_is() -> None:
    """docs/reliability.md matches the matrix. `make reliability-page` updates it."""
    page = PAGE.read_text()
    assert updated(page) == page
