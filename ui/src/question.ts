import { mount } from 'svelte';

import { keepFocus } from './focus';
import Page from './question/Page.svelte';
import { store } from './store.svelte';
import './styles/all.css';

mount(Page, { target: document.getElementById('page')! });
keepFocus();
void store.open();
